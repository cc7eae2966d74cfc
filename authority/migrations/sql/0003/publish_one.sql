-- Make one offered version the current one of its dataset and date. The caller holds the dataset's row lock.
-- It says when that was by the clock, for the transaction may have begun long before the lock was free.
-- Raises SL005 when other content is current and no reason is given.
CREATE OR REPLACE FUNCTION authority.publish_one(p_run authority.run, p_dataset_id uuid, p_offer jsonb, p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_current authority.version;
    v_same authority.version;
    v_id uuid;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT v.* INTO v_current FROM authority.current_version c JOIN authority.version v ON v.id = c.version_id
     WHERE c.dataset_id = p_dataset_id AND c.as_of = p_run.as_of;
    SELECT v.* INTO v_same FROM authority.version v
     WHERE v.dataset_id = p_dataset_id AND v.as_of = p_run.as_of AND v.content_sha256 = p_offer ->> 'content_sha256';

    IF v_same.id IS NOT NULL AND v_same.id = v_current.id THEN
        INSERT INTO authority.publication (attempt, version_id, outcome, published_at)
            VALUES (p_run.attempt, v_same.id, 'confirmed', v_now);
        RETURN;
    END IF;
    IF v_current.id IS NOT NULL AND p_reason IS NULL THEN
        RAISE EXCEPTION 'publish: % as of % is already published with other content (version %, sequence %, run %)',
                p_offer ->> 'dataset', p_run.as_of, v_current.id, v_current.sequence, v_current.attempt
            USING ERRCODE = 'SL005', HINT = 'Run again with the parameter restate set to the reason.';
    END IF;

    v_id := v_same.id;
    IF v_id IS NULL THEN
        INSERT INTO authority.version (dataset_id, as_of, sequence, content_sha256, schema_sha256, location, manifest_uri,
                                       rows, attempt, supersedes, reason, published_at)
            SELECT p_dataset_id, p_run.as_of, coalesce(max(v.sequence), 0) + 1, p_offer ->> 'content_sha256',
                   p_offer ->> 'schema_sha256', p_offer ->> 'location', p_offer ->> 'manifest_uri',
                   (p_offer ->> 'rows')::bigint, p_run.attempt, v_current.id,
                   CASE WHEN v_current.id IS NOT NULL THEN p_reason END, v_now
              FROM authority.version v WHERE v.dataset_id = p_dataset_id AND v.as_of = p_run.as_of
            RETURNING version.id INTO v_id;
    END IF;
    INSERT INTO authority.current_version (dataset_id, as_of, version_id, since)
        VALUES (p_dataset_id, p_run.as_of, v_id, v_now)
        ON CONFLICT (dataset_id, as_of) DO UPDATE SET version_id = excluded.version_id, since = excluded.since;
    INSERT INTO authority.publication (attempt, version_id, outcome, replaced, reason, published_at)
        VALUES (p_run.attempt, v_id, CASE WHEN v_same.id IS NULL THEN 'new' ELSE 'restored' END, v_current.id,
                CASE WHEN v_current.id IS NOT NULL THEN p_reason END, v_now);
END
$$;
