-- Which tenants have ended, and which began again: one row an event, never changed. The last one counts.
CREATE TABLE authority.retirement (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    event  text NOT NULL,
    reason text NOT NULL,
    by     text NOT NULL DEFAULT session_user,
    at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT retirement_event CHECK (event IN ('retired', 'reinstated')),
    CONSTRAINT retirement_has_reason CHECK (btrim(reason) <> '')
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.retirement
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON authority.retirement
    FOR EACH STATEMENT EXECUTE FUNCTION authority.refuse_change();
CREATE INDEX retirement_of_tenant ON authority.retirement (tenant, id);

-- Since when a tenant is retired; null for one that may publish.
CREATE FUNCTION authority.retired_since(p_tenant text) RETURNS timestamptz
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN r.event = 'retired' THEN r.at END
      FROM authority.retirement r WHERE r.tenant = p_tenant ORDER BY r.id DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION authority.retired_since(text) FROM PUBLIC;

-- open_run registers its datasets, publish writes its publications: both are refused for a tenant that has ended.
CREATE FUNCTION authority.refuse_retired() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_tenant text;
    v_since timestamptz;
BEGIN
    IF TG_TABLE_NAME = 'dataset' THEN
        v_tenant := NEW.tenant;
    ELSE
        SELECT r.tenant INTO v_tenant FROM authority.run r WHERE r.attempt = NEW.attempt;
    END IF;
    v_since := authority.retired_since(v_tenant);
    IF v_since IS NOT NULL THEN
        RAISE EXCEPTION 'tenant % is retired since %: nothing new is published for it', v_tenant, v_since
            USING ERRCODE = 'SL007', HINT = 'Were it to begin again: sluice data reinstate ' || v_tenant;
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION authority.refuse_retired() FROM PUBLIC;
CREATE TRIGGER refuse_retired BEFORE INSERT ON authority.dataset
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_retired();
CREATE TRIGGER refuse_retired BEFORE INSERT ON authority.publication
    FOR EACH ROW EXECUTE FUNCTION authority.refuse_retired();

-- Say that a tenant has ended, or begins again; false where that is so already. Waits for who is publishing.
-- For the schema's owner alone: no role is granted it.
CREATE FUNCTION authority.retire(p_tenant text, p_event text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_tenant IS NULL OR p_event IS NULL OR coalesce(btrim(p_reason), '') = '' THEN
        RAISE EXCEPTION 'retire: tenant, event and reason must be given' USING ERRCODE = 'SL002';
    END IF;
    PERFORM 1 FROM authority.dataset d WHERE d.tenant = p_tenant ORDER BY d.name FOR UPDATE;
    IF (authority.retired_since(p_tenant) IS NOT NULL) = (p_event = 'retired') THEN
        RETURN false;
    END IF;
    INSERT INTO authority.retirement (tenant, event, reason) VALUES (p_tenant, p_event, btrim(p_reason));
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION authority.retire(text, text, text) FROM PUBLIC;
