-- What readers see. One row per published version, and whether it is the current one.
CREATE VIEW authority.version_history AS
    SELECT d.tenant, d.name AS dataset, d.id AS dataset_id, v.as_of, v.sequence, v.id AS version_id,
           c.version_id IS NOT NULL AS is_current, v.location, v.manifest_uri, v.rows AS row_count,
           v.content_sha256, v.schema_sha256, v.attempt, r.dag_id, r.run_key, r.inputs_sha256, r.code_version,
           v.supersedes, v.reason, v.published_by, v.published_at, c.since AS current_since
      FROM authority.version v
      JOIN authority.dataset d ON d.id = v.dataset_id
      JOIN authority.run r ON r.attempt = v.attempt
      LEFT JOIN authority.current_version c ON c.version_id = v.id;

CREATE VIEW authority.current_data AS
    SELECT * FROM authority.version_history WHERE is_current;

CREATE VIEW authority.dataset_list AS
    SELECT d.tenant, d.name AS dataset, d.id AS dataset_id, d.registered_at,
           count(v.id) AS versions, max(v.as_of) AS latest_as_of
      FROM authority.dataset d
      LEFT JOIN authority.version v ON v.dataset_id = d.id
     GROUP BY d.id;

-- Every publishing, also those that changed nothing: who, when, why.
CREATE VIEW authority.publication_log AS
    SELECT d.tenant, d.name AS dataset, v.as_of, v.sequence, p.version_id, p.attempt, p.outcome, p.replaced, p.reason,
           p.published_by, p.published_at
      FROM authority.publication p
      JOIN authority.version v ON v.id = p.version_id
      JOIN authority.dataset d ON d.id = v.dataset_id;
