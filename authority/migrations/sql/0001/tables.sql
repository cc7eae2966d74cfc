-- Identifiers that sort by time. Postgres 18 has uuidv7(); RDS Postgres 16 has not.
CREATE FUNCTION authority.uuid_v7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1),     -- version 4 (0100) becomes version 7 (0111)
        'hex')::uuid
$$;

-- What was published stays as it was published, whoever asks: also the owner of the tables.
CREATE FUNCTION authority.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'authority.% is append only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'SL001',
              HINT = 'Publish a new version with a reason instead.';
END
$$;

CREATE TABLE authority.dataset (
    id            uuid PRIMARY KEY DEFAULT authority.uuid_v7(),
    tenant        text NOT NULL,
    name          text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dataset_name UNIQUE (tenant, name),
    CONSTRAINT dataset_tenant_form CHECK (tenant ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(tenant) <= 20),
    CONSTRAINT dataset_name_form CHECK (name ~ '^[a-z][a-z0-9_]*$' AND length(name) <= 30)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.dataset
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.dataset
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();

CREATE TABLE authority.run (
    attempt       uuid PRIMARY KEY DEFAULT authority.uuid_v7(),
    tenant        text NOT NULL,
    dag_id        text NOT NULL,
    run_key       text NOT NULL,
    as_of         date NOT NULL,
    inputs_sha256 text NOT NULL,
    code_version  text NOT NULL,
    publishes     text[] NOT NULL,
    restate       text,
    opened_by     text NOT NULL DEFAULT session_user,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT run_inputs_form CHECK (inputs_sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT run_publishes_something CHECK (cardinality(publishes) > 0)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.run
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.run
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();
CREATE INDEX run_same_work ON authority.run (tenant, dag_id, as_of, inputs_sha256, code_version);

CREATE TABLE authority.version (
    id             uuid PRIMARY KEY DEFAULT authority.uuid_v7(),
    dataset_id     uuid NOT NULL REFERENCES authority.dataset (id),
    as_of          date NOT NULL,
    sequence       integer NOT NULL,
    content_sha256 text NOT NULL,
    schema_sha256  text NOT NULL,
    location       text NOT NULL,
    manifest_uri   text NOT NULL,
    rows           bigint NOT NULL,
    attempt        uuid NOT NULL REFERENCES authority.run (attempt),
    supersedes     uuid REFERENCES authority.version (id),
    reason         text,
    published_by   text NOT NULL DEFAULT session_user,
    published_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT version_sequence UNIQUE (dataset_id, as_of, sequence),
    CONSTRAINT version_content UNIQUE (dataset_id, as_of, content_sha256),
    CONSTRAINT version_location UNIQUE (location),
    CONSTRAINT version_of_dataset_and_date UNIQUE (dataset_id, as_of, id),
    CONSTRAINT version_sequence_positive CHECK (sequence > 0),
    CONSTRAINT version_hash_form CHECK (content_sha256 ~ '^[0-9a-f]{64}$' AND schema_sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT version_rows_counted CHECK (rows >= 0),
    CONSTRAINT version_superseding_has_reason CHECK ((supersedes IS NULL) = (reason IS NULL))
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.version
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.version
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();

CREATE TABLE authority.publication (
    attempt      uuid NOT NULL REFERENCES authority.run (attempt),
    version_id   uuid NOT NULL REFERENCES authority.version (id),
    outcome      text NOT NULL,
    replaced     uuid REFERENCES authority.version (id),
    reason       text,
    published_by text NOT NULL DEFAULT session_user,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (attempt, version_id),
    CONSTRAINT publication_outcome CHECK (outcome IN ('new', 'confirmed', 'restored'))
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.publication
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.publication
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();
CREATE INDEX publication_version ON authority.publication (version_id);

CREATE TABLE authority.current_version (
    dataset_id uuid NOT NULL REFERENCES authority.dataset (id),
    as_of      date NOT NULL,
    version_id uuid NOT NULL,
    since      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dataset_id, as_of),
    CONSTRAINT current_version_is_of_dataset_and_date
        FOREIGN KEY (dataset_id, as_of, version_id) REFERENCES authority.version (dataset_id, as_of, id)
);
-- A current version moves, but it never disappears.
CREATE TRIGGER no_delete BEFORE DELETE ON authority.current_version
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.current_version
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();
