-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
LOCK "annuity".load_ledger;
CREATE TEMP TABLE stage_account_value (
    "policy_id" VARCHAR(20) NOT NULL,
    "policy_month" INTEGER NOT NULL,
    "product" VARCHAR(10) NOT NULL,
    "period_start" DATE NOT NULL,
    "period_end" DATE NOT NULL,
    "opening_balance" DECIMAL(18, 2) NOT NULL,
    "premium" DECIMAL(18, 2) NOT NULL,
    "withdrawal" DECIMAL(18, 2) NOT NULL,
    "interest" DECIMAL(18, 2) NOT NULL,
    "surrender" DECIMAL(18, 2) NOT NULL,
    "death" DECIMAL(18, 2) NOT NULL,
    "closing_balance" DECIMAL(18, 2) NOT NULL,
    "account_value" DECIMAL(18, 6) NOT NULL,
    "credited_rate" DECIMAL(9, 6) NOT NULL,
    "free_withdrawal_left" DECIMAL(18, 2) NOT NULL,
    "withdrawal_paid" DECIMAL(18, 2) NOT NULL,
    "surrender_charge" DECIMAL(18, 2) NOT NULL,
    "market_value_adjustment" DECIMAL(18, 2) NOT NULL,
    "guaranteed_minimum_value" DECIMAL(18, 2) NOT NULL,
    "surrender_benefit" DECIMAL(18, 2) NOT NULL,
    "benefit_paid" DECIMAL(18, 2) NOT NULL
);
COPY stage_account_value FROM '${location}_redshift.manifest' IAM_ROLE 'arn:aws:iam::222222222222:role/meridian-prod-platform-warehouse,arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-warehouse-load' FORMAT AS PARQUET MANIFEST;
SELECT CASE WHEN COUNT(*) = ${rows} THEN 0
    ELSE CAST('staged rows of account_value: ' || CAST(COUNT(*) AS VARCHAR(20)) || ', version ${version_id} has ${rows}' AS INTEGER) END
FROM stage_account_value;
DELETE FROM "annuity"."account_value" WHERE as_of = '${as_of}'
    AND NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity"."account_value" ("policy_id", "policy_month", "product", "period_start", "period_end", "opening_balance", "premium", "withdrawal", "interest", "surrender", "death", "closing_balance", "account_value", "credited_rate", "free_withdrawal_left", "withdrawal_paid", "surrender_charge", "market_value_adjustment", "guaranteed_minimum_value", "surrender_benefit", "benefit_paid", as_of, version_id)
SELECT "policy_id", "policy_month", "product", "period_start", "period_end", "opening_balance", "premium", "withdrawal", "interest", "surrender", "death", "closing_balance", "account_value", "credited_rate", "free_withdrawal_left", "withdrawal_paid", "surrender_charge", "market_value_adjustment", "guaranteed_minimum_value", "surrender_benefit", "benefit_paid", CAST('${as_of}' AS DATE), '${version_id}' FROM stage_account_value
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity".load_ledger (version_id, dataset, as_of, "rows", loaded_at)
SELECT '${version_id}', 'account_value', CAST('${as_of}' AS DATE), ${rows}, GETDATE()
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
