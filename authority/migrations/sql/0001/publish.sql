-- Check what an attempt offers, before anything is locked or written.
-- Raises SL002 (malformed), SL003 (unknown attempt), SL004 (another set of datasets than the attempt was opened for).
CREATE FUNCTION authority.check_offer(p_attempt uuid, p_versions jsonb) RETURNS authority.run
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_run authority.run;
    v_offer record;
    v_names text[];
    v_place text;
BEGIN
    SELECT * INTO v_run FROM authority.run WHERE run.attempt = p_attempt;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'publish: attempt % was never opened', p_attempt
            USING ERRCODE = 'SL003', HINT = 'Clear the run from open_run.';
    END IF;
    IF jsonb_typeof(p_versions) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'publish: versions must be a JSON array' USING ERRCODE = 'SL002';
    END IF;

    FOR v_offer IN SELECT * FROM jsonb_to_recordset(p_versions)
        AS o (dataset text, location text, rows bigint, content_sha256 text, schema_sha256 text, manifest_uri text)
    LOOP
        v_place := format('/as_of=%s/attempt=%s/', to_char(v_run.as_of, 'YYYY-MM-DD'), p_attempt);
        IF v_offer.dataset IS NULL
           OR coalesce(v_offer.content_sha256, '') !~ '^[0-9a-f]{64}$'
           OR coalesce(v_offer.schema_sha256, '') !~ '^[0-9a-f]{64}$'
           OR coalesce(v_offer.rows, -1) < 0
           OR coalesce(v_offer.location, '') !~ '^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9_.=/-]+/$'
           OR right(v_offer.location, length(v_place)) <> v_place
           OR coalesce(v_offer.manifest_uri, '') <> v_offer.location || '_manifest.json' THEN
            RAISE EXCEPTION 'publish: malformed version %', to_jsonb(v_offer)
                USING ERRCODE = 'SL002',
                      DETAIL = 'Expected: dataset, rows >= 0, two lower-case SHA-256, a location that ends in '
                               || v_place || ' and its _manifest.json.';
        END IF;
    END LOOP;

    v_names := ARRAY(SELECT o ->> 'dataset' FROM jsonb_array_elements(p_versions) AS o ORDER BY o ->> 'dataset');
    IF v_names IS DISTINCT FROM v_run.publishes THEN
        RAISE EXCEPTION 'publish: attempt % was opened for % and offers %', p_attempt, v_run.publishes, v_names
            USING ERRCODE = 'SL004', HINT = 'A set is published whole or not at all.';
    END IF;
    RETURN v_run;
END
$$;

-- Make one offered version the current one of its dataset and date. The caller holds the dataset's row lock.
-- Raises SL005 when other content is current and no reason is given.
CREATE FUNCTION authority.publish_one(p_run authority.run, p_dataset_id uuid, p_offer jsonb, p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_current authority.version;
    v_same authority.version;
    v_id uuid;
BEGIN
    SELECT v.* INTO v_current FROM authority.current_version c JOIN authority.version v ON v.id = c.version_id
     WHERE c.dataset_id = p_dataset_id AND c.as_of = p_run.as_of;
    SELECT v.* INTO v_same FROM authority.version v
     WHERE v.dataset_id = p_dataset_id AND v.as_of = p_run.as_of AND v.content_sha256 = p_offer ->> 'content_sha256';

    IF v_same.id IS NOT NULL AND v_same.id = v_current.id THEN
        INSERT INTO authority.publication (attempt, version_id, outcome) VALUES (p_run.attempt, v_same.id, 'confirmed');
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
                                       rows, attempt, supersedes, reason)
            SELECT p_dataset_id, p_run.as_of, coalesce(max(v.sequence), 0) + 1, p_offer ->> 'content_sha256',
                   p_offer ->> 'schema_sha256', p_offer ->> 'location', p_offer ->> 'manifest_uri',
                   (p_offer ->> 'rows')::bigint, p_run.attempt, v_current.id,
                   CASE WHEN v_current.id IS NOT NULL THEN p_reason END
              FROM authority.version v WHERE v.dataset_id = p_dataset_id AND v.as_of = p_run.as_of
            RETURNING version.id INTO v_id;
    END IF;
    INSERT INTO authority.current_version (dataset_id, as_of, version_id) VALUES (p_dataset_id, p_run.as_of, v_id)
        ON CONFLICT (dataset_id, as_of) DO UPDATE SET version_id = excluded.version_id, since = now();
    INSERT INTO authority.publication (attempt, version_id, outcome, replaced, reason)
        VALUES (p_run.attempt, v_id, CASE WHEN v_same.id IS NULL THEN 'new' ELSE 'restored' END, v_current.id,
                CASE WHEN v_current.id IS NOT NULL THEN p_reason END);
END
$$;

-- Publish the whole set that an attempt made, or nothing. Calling it again for the same attempt changes nothing.
CREATE FUNCTION authority.publish(p_attempt uuid, p_versions jsonb, p_restate text)
RETURNS TABLE (dataset text, version_id uuid, sequence int, is_new boolean, location text, row_count bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_run authority.run := authority.check_offer(p_attempt, p_versions);
    v_dataset record;
    v_done text[];
    v_offered text[] := ARRAY(SELECT (o ->> 'dataset') || ' ' || (o ->> 'content_sha256')
                                FROM jsonb_array_elements(p_versions) AS o ORDER BY 1);
BEGIN
    -- Publishers of the same datasets wait here for each other, in one order, so that none waits in a circle.
    PERFORM 1 FROM authority.dataset d
      WHERE d.tenant = v_run.tenant AND d.name = ANY (v_run.publishes) ORDER BY d.name FOR UPDATE;

    v_done := ARRAY(SELECT d.name || ' ' || v.content_sha256
                      FROM authority.publication p
                      JOIN authority.version v ON v.id = p.version_id
                      JOIN authority.dataset d ON d.id = v.dataset_id
                     WHERE p.attempt = p_attempt ORDER BY 1);
    IF cardinality(v_done) = 0 THEN
        FOR v_dataset IN
            SELECT d.id, o.offer
              FROM jsonb_array_elements(p_versions) AS o (offer)
              JOIN authority.dataset d ON d.tenant = v_run.tenant AND d.name = o.offer ->> 'dataset'
             ORDER BY d.name
        LOOP
            PERFORM authority.publish_one(v_run, v_dataset.id, v_dataset.offer, nullif(btrim(p_restate), ''));
        END LOOP;
    ELSIF v_done IS DISTINCT FROM v_offered THEN
        RAISE EXCEPTION 'publish: attempt % has already published other content', p_attempt
            USING ERRCODE = 'SL006', HINT = 'Clear the run from open_run: a new attempt gets a new place.';
    END IF;

    RETURN QUERY
        SELECT d.name, v.id, v.sequence, p.outcome = 'new', v.location, v.rows
          FROM authority.publication p
          JOIN authority.version v ON v.id = p.version_id
          JOIN authority.dataset d ON d.id = v.dataset_id
         WHERE p.attempt = p_attempt ORDER BY d.name;
END
$$;
REVOKE ALL ON FUNCTION authority.publish(uuid, jsonb, text) FROM PUBLIC;
