-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
LOCK "annuity".load_ledger;
CREATE TEMP TABLE stage_payout (
    "policy_id" VARCHAR(20) NOT NULL,
    "instalment" INTEGER NOT NULL,
    "product" VARCHAR(10) NOT NULL,
    "due_date" DATE NOT NULL,
    "scheduled_amount" DECIMAL(18, 2) NOT NULL,
    "payment_factor" DECIMAL(12, 10) NOT NULL,
    "amount" DECIMAL(18, 2) NOT NULL
);
COPY stage_payout FROM '${location}_redshift.manifest' IAM_ROLE 'arn:aws:iam::222222222222:role/meridian-prod-platform-warehouse,arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-warehouse-load' FORMAT AS PARQUET MANIFEST;
SELECT CASE WHEN COUNT(*) = ${rows} THEN 0
    ELSE CAST('staged rows of payout: ' || CAST(COUNT(*) AS VARCHAR(20)) || ', version ${version_id} has ${rows}' AS INTEGER) END
FROM stage_payout;
DELETE FROM "annuity"."payout" WHERE as_of = '${as_of}'
    AND NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity"."payout" ("policy_id", "instalment", "product", "due_date", "scheduled_amount", "payment_factor", "amount", as_of, version_id)
SELECT "policy_id", "instalment", "product", "due_date", "scheduled_amount", "payment_factor", "amount", CAST('${as_of}' AS DATE), '${version_id}' FROM stage_payout
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity".load_ledger (version_id, dataset, as_of, "rows", loaded_at)
SELECT '${version_id}', 'payout', CAST('${as_of}' AS DATE), ${rows}, GETDATE()
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
