-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
LOCK "annuity".load_ledger;
CREATE TEMP TABLE stage_policy (
    "policy_id" VARCHAR(20) NOT NULL,
    "product" VARCHAR(10) NOT NULL,
    "issue_date" DATE NOT NULL,
    "issue_age" INTEGER NOT NULL,
    "sex" VARCHAR(1) NOT NULL,
    "state" VARCHAR(2) NOT NULL,
    "tax_status" VARCHAR(4) NOT NULL,
    "single_premium" DECIMAL(18, 2) NOT NULL,
    "guarantee_years" INTEGER,
    "declared_rate" DECIMAL(9, 6),
    "renewal_rate" DECIMAL(9, 6),
    "guaranteed_minimum_rate" DECIMAL(9, 6),
    "nonforfeiture_rate" DECIMAL(9, 6),
    "free_withdrawal_rate" DECIMAL(9, 6),
    "mva_issue_yield" DECIMAL(9, 6),
    "mva_renewal_yield" DECIMAL(9, 6),
    "mva_current_yield" DECIMAL(9, 6),
    "annual_income" DECIMAL(18, 2),
    "escalation_rate" DECIMAL(9, 6),
    "payout_form" VARCHAR(12),
    "certain_months" INTEGER,
    "joint_age" INTEGER,
    "joint_sex" VARCHAR(1),
    "survivor_fraction" DECIMAL(12, 10),
    "reduction_trigger" VARCHAR(7)
);
COPY stage_policy FROM '${location}_redshift.manifest' IAM_ROLE 'arn:aws:iam::222222222222:role/meridian-prod-platform-warehouse,arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-warehouse-load' FORMAT AS PARQUET MANIFEST;
SELECT CASE WHEN COUNT(*) = ${rows} THEN 0
    ELSE CAST('staged rows of policy: ' || CAST(COUNT(*) AS VARCHAR(20)) || ', version ${version_id} has ${rows}' AS INTEGER) END
FROM stage_policy;
DELETE FROM "annuity"."policy" WHERE as_of = '${as_of}'
    AND NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity"."policy" ("policy_id", "product", "issue_date", "issue_age", "sex", "state", "tax_status", "single_premium", "guarantee_years", "declared_rate", "renewal_rate", "guaranteed_minimum_rate", "nonforfeiture_rate", "free_withdrawal_rate", "mva_issue_yield", "mva_renewal_yield", "mva_current_yield", "annual_income", "escalation_rate", "payout_form", "certain_months", "joint_age", "joint_sex", "survivor_fraction", "reduction_trigger", as_of, version_id)
SELECT "policy_id", "product", "issue_date", "issue_age", "sex", "state", "tax_status", "single_premium", "guarantee_years", "declared_rate", "renewal_rate", "guaranteed_minimum_rate", "nonforfeiture_rate", "free_withdrawal_rate", "mva_issue_yield", "mva_renewal_yield", "mva_current_yield", "annual_income", "escalation_rate", "payout_form", "certain_months", "joint_age", "joint_sex", "survivor_fraction", "reduction_trigger", CAST('${as_of}' AS DATE), '${version_id}' FROM stage_policy
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
INSERT INTO "annuity".load_ledger (version_id, dataset, as_of, "rows", loaded_at)
SELECT '${version_id}', 'policy', CAST('${as_of}' AS DATE), ${rows}, GETDATE()
WHERE NOT EXISTS (SELECT 1 FROM "annuity".load_ledger WHERE version_id = '${version_id}');
