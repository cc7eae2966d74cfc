-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
LOCK "annuity".load_ledger;
CREATE TEMP TABLE stage_block_summary (
    "product" VARCHAR(10) NOT NULL,
    "period_start" DATE NOT NULL,
    "period_end" DATE NOT NULL,
    "policies_in_force" INTEGER NOT NULL,
    "opening_balance" DECIMAL(18, 2) NOT NULL,
    "premium" DECIMAL(18, 2) NOT NULL,
    "interest" DECIMAL(18, 2) NOT NULL,
    "withdrawals" DECIMAL(18, 2) NOT NULL,
    "surrenders" DECIMAL(18, 2) NOT NULL,
    "deaths" DECIMAL(18, 2) NOT NULL,
    "closing_balance" DECIMAL(18, 2) NOT NULL,
    "benefits_paid" DECIMAL(18, 2) NOT NULL,
    "payouts" DECIMAL(18, 2) NOT NULL
);
COPY stage_block_summary FROM '${location}_redshift.manifest' IAM_ROLE 'arn:aws:iam::222222222222:role/meridian-prod-platform-warehouse,arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-warehouse-load' FORMAT AS PARQUET MANIFEST;
SELECT CASE WHEN COUNT(*) = ${rows} THEN 0
    ELSE CAST('staged rows of block_summary: ' || CAST(COUNT(*) AS VARCHAR(20)) || ', version ${version_id} has ${rows}' AS INTEGER) END
FROM stage_block_summary;
DELETE FROM "annuity"."block_summary" WHERE as_of = '${as_of}'
    AND NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity"."block_summary" ("product", "period_start", "period_end", "policies_in_force", "opening_balance", "premium", "interest", "withdrawals", "surrenders", "deaths", "closing_balance", "benefits_paid", "payouts", as_of, version_id)
SELECT "product", "period_start", "period_end", "policies_in_force", "opening_balance", "premium", "interest", "withdrawals", "surrenders", "deaths", "closing_balance", "benefits_paid", "payouts", CAST('${as_of}' AS DATE), '${version_id}' FROM stage_block_summary
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity".load_ledger (version_id, dataset, as_of, "rows", loaded_at)
SELECT '${version_id}', 'block_summary', CAST('${as_of}' AS DATE), ${rows}, GETDATE()
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
