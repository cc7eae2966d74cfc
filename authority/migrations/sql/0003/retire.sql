-- Say that a tenant has ended, or begins again; false where that is so already. Waits for who is publishing, and says when
-- that was by the clock.
-- For the schema's owner alone: no role is granted it.
CREATE OR REPLACE FUNCTION authority.retire(p_tenant text, p_event text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_tenant IS NULL OR p_event IS NULL OR coalesce(btrim(p_reason), '') = '' THEN
        RAISE EXCEPTION 'retire: tenant, event and reason must be given' USING ERRCODE = 'SL002';
    END IF;
    PERFORM 1 FROM authority.dataset d WHERE d.tenant = p_tenant ORDER BY d.name FOR UPDATE;
    IF (authority.retired_since(p_tenant) IS NOT NULL) = (p_event = 'retired') THEN
        RETURN false;
    END IF;
    INSERT INTO authority.retirement (tenant, event, reason, at)
        VALUES (p_tenant, p_event, btrim(p_reason), clock_timestamp());
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION authority.retire(text, text, text) FROM PUBLIC;
