-- Begin an attempt to publish, unless the same inputs were already published by the same code and are still current.
CREATE FUNCTION authority.open_run(
    p_tenant text, p_dag_id text, p_run_key text, p_as_of date, p_inputs_sha256 text,
    p_code_version text, p_publishes text[], p_restate text
) RETURNS TABLE (attempt uuid, already_published boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_publishes text[] := ARRAY(SELECT DISTINCT p FROM unnest(p_publishes) AS p ORDER BY p);
    v_restate text := nullif(btrim(p_restate), '');
    v_attempt uuid;
BEGIN
    IF p_tenant IS NULL OR p_dag_id IS NULL OR p_run_key IS NULL OR p_as_of IS NULL
       OR p_inputs_sha256 IS NULL OR p_code_version IS NULL OR cardinality(v_publishes) = 0 THEN
        RAISE EXCEPTION 'open_run: tenant, dag_id, run_key, as_of, inputs_sha256, code_version and publishes must be given'
            USING ERRCODE = 'SL002';
    END IF;

    INSERT INTO authority.dataset (tenant, name)
        SELECT p_tenant, name FROM unnest(v_publishes) AS name ORDER BY name
        ON CONFLICT ON CONSTRAINT dataset_name DO NOTHING;

    IF v_restate IS NULL THEN
        -- every version that the earlier attempt published must still be the current one
        SELECT r.attempt INTO v_attempt
          FROM authority.run r
          JOIN authority.publication p ON p.attempt = r.attempt
          JOIN authority.current_version c ON c.version_id = p.version_id
         WHERE r.tenant = p_tenant AND r.dag_id = p_dag_id AND r.as_of = p_as_of
           AND r.inputs_sha256 = p_inputs_sha256 AND r.code_version = p_code_version AND r.publishes = v_publishes
         GROUP BY r.attempt
        HAVING count(*) = cardinality(v_publishes)
         ORDER BY r.attempt
         LIMIT 1;
        IF FOUND THEN
            RETURN QUERY SELECT v_attempt, true;
            RETURN;
        END IF;
    END IF;

    INSERT INTO authority.run (tenant, dag_id, run_key, as_of, inputs_sha256, code_version, publishes, restate)
        VALUES (p_tenant, p_dag_id, p_run_key, p_as_of, p_inputs_sha256, p_code_version, v_publishes, v_restate)
        RETURNING run.attempt INTO v_attempt;
    RETURN QUERY SELECT v_attempt, false;
END
$$;
REVOKE ALL ON FUNCTION authority.open_run(text, text, text, date, text, text, text[], text) FROM PUBLIC;
