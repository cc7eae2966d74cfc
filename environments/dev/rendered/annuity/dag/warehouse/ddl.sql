-- Rendered by sluice from tenants/annuity/tenant.yaml for dev.
-- Do not edit: change the spec and run `sluice render`.
CREATE SCHEMA IF NOT EXISTS "annuity";
CREATE TABLE IF NOT EXISTS "annuity".load_ledger (
    version_id VARCHAR(36) NOT NULL,
    dataset VARCHAR(30) NOT NULL,
    as_of DATE NOT NULL,
    "rows" BIGINT NOT NULL,
    loaded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (version_id)
);
CREATE TABLE IF NOT EXISTS "annuity"."account_value" (
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
    "benefit_paid" DECIMAL(18, 2) NOT NULL,
    "as_of" DATE NOT NULL,
    "version_id" VARCHAR(36) NOT NULL,
    PRIMARY KEY ("as_of", "policy_id", "policy_month")
);
CREATE TABLE IF NOT EXISTS "annuity"."block_summary" (
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
    "payouts" DECIMAL(18, 2) NOT NULL,
    "as_of" DATE NOT NULL,
    "version_id" VARCHAR(36) NOT NULL,
    PRIMARY KEY ("as_of", "product")
);
CREATE TABLE IF NOT EXISTS "annuity"."payout" (
    "policy_id" VARCHAR(20) NOT NULL,
    "instalment" INTEGER NOT NULL,
    "product" VARCHAR(10) NOT NULL,
    "due_date" DATE NOT NULL,
    "scheduled_amount" DECIMAL(18, 2) NOT NULL,
    "payment_factor" DECIMAL(12, 10) NOT NULL,
    "amount" DECIMAL(18, 2) NOT NULL,
    "as_of" DATE NOT NULL,
    "version_id" VARCHAR(36) NOT NULL,
    PRIMARY KEY ("as_of", "policy_id", "instalment")
);
CREATE TABLE IF NOT EXISTS "annuity"."policy" (
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
    "reduction_trigger" VARCHAR(7),
    "as_of" DATE NOT NULL,
    "version_id" VARCHAR(36) NOT NULL,
    PRIMARY KEY ("as_of", "policy_id")
);
CREATE TABLE IF NOT EXISTS "annuity"."reconciliation" (
    "product" VARCHAR(10) NOT NULL,
    "measure" VARCHAR(20) NOT NULL,
    "computed_amount" DECIMAL(18, 2),
    "control_amount" DECIMAL(18, 2),
    "difference" DECIMAL(18, 2) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "as_of" DATE NOT NULL,
    "version_id" VARCHAR(36) NOT NULL,
    PRIMARY KEY ("as_of", "product", "measure")
);
