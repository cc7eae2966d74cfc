-- Since when nothing new is published for a dataset's tenant; null while it lives.
CREATE OR REPLACE VIEW authority.dataset_list AS
    SELECT d.tenant, d.name AS dataset, d.id AS dataset_id, d.registered_at,
           count(v.id) AS versions, max(v.as_of) AS latest_as_of,
           (SELECT CASE WHEN r.event = 'retired' THEN r.at END
              FROM authority.retirement r WHERE r.tenant = d.tenant ORDER BY r.id DESC LIMIT 1) AS retired_at
      FROM authority.dataset d
      LEFT JOIN authority.version v ON v.dataset_id = d.id
     GROUP BY d.id;
