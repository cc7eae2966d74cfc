-- What was published stays as it was published, whoever asks: also the owner of the tables.
CREATE FUNCTION authority.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'authority.% is append only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'SL001',
              HINT = 'Publish a new version with a reason instead.';
END
$$;

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['dataset', 'run', 'version', 'publication'] LOOP
        EXECUTE format('CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.%I
                        FOR EACH ROW EXECUTE FUNCTION authority.refuse_change()', table_name);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change()', table_name);
    END LOOP;
END
$$;

-- A current version moves, but it never disappears.
CREATE TRIGGER no_delete BEFORE DELETE ON authority.current_version
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.current_version
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();
