-- Two roles, without passwords: on RDS they log in by IAM, elsewhere login roles are made members of them.
-- Roles belong to the whole server, so they may exist already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'sluice_publisher') THEN
        CREATE ROLE sluice_publisher LOGIN;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'sluice_reader') THEN
        CREATE ROLE sluice_reader LOGIN;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam') THEN
        GRANT rds_iam TO sluice_publisher, sluice_reader;
    END IF;
END
$$;

REVOKE ALL ON SCHEMA authority FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA authority FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA authority FROM PUBLIC;

GRANT USAGE ON SCHEMA authority TO sluice_publisher, sluice_reader;
GRANT EXECUTE ON FUNCTION
    authority.open_run(text, text, text, date, text, text, text[], text),
    authority.publish(uuid, jsonb, text),
    authority.superseded(uuid[])
    TO sluice_publisher;
GRANT SELECT ON authority.current_data, authority.version_history, authority.dataset_list, authority.publication_log
    TO sluice_reader;
