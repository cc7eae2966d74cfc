-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
LOCK "annuity".load_ledger;
CREATE TEMP TABLE stage_reconciliation (
    "product" VARCHAR(10) NOT NULL,
    "measure" VARCHAR(20) NOT NULL,
    "computed_amount" DECIMAL(18, 2),
    "control_amount" DECIMAL(18, 2),
    "difference" DECIMAL(18, 2) NOT NULL,
    "status" VARCHAR(16) NOT NULL
);
COPY stage_reconciliation FROM '${location}_redshift.manifest' IAM_ROLE 'arn:aws:iam::222222222222:role/meridian-prod-platform-warehouse,arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-warehouse-load' FORMAT AS PARQUET MANIFEST;
SELECT CASE WHEN COUNT(*) = ${rows} THEN 0
    ELSE CAST('staged rows of reconciliation: ' || CAST(COUNT(*) AS VARCHAR(20)) || ', version ${version_id} has ${rows}' AS INTEGER) END
FROM stage_reconciliation;
DELETE FROM "annuity"."reconciliation" WHERE as_of = '${as_of}'
    AND NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity"."reconciliation" ("product", "measure", "computed_amount", "control_amount", "difference", "status", as_of, version_id)
SELECT "product", "measure", "computed_amount", "control_amount", "difference", "status", CAST('${as_of}' AS DATE), '${version_id}' FROM stage_reconciliation
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity".load_ledger (version_id, dataset, as_of, "rows", loaded_at)
SELECT '${version_id}', 'reconciliation', CAST('${as_of}' AS DATE), ${rows}, GETDATE()
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
