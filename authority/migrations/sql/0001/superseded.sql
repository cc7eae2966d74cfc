-- Which of these versions are no longer current, and what is: asked before Glue or Redshift is pointed at a version.
CREATE FUNCTION authority.superseded(p_versions uuid[])
RETURNS TABLE (dataset text, as_of date, version_id uuid, current_version_id uuid, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.name, v.as_of, v.id, c.version_id,
           (SELECT p.reason FROM authority.publication p
             WHERE p.version_id = c.version_id AND p.outcome <> 'confirmed' ORDER BY p.published_at DESC LIMIT 1)
      FROM authority.version v
      JOIN authority.dataset d ON d.id = v.dataset_id
      JOIN authority.current_version c ON c.dataset_id = v.dataset_id AND c.as_of = v.as_of
     WHERE v.id = ANY (p_versions) AND c.version_id <> v.id
     ORDER BY d.name
$$;
REVOKE ALL ON FUNCTION authority.superseded(uuid[]) FROM PUBLIC;
