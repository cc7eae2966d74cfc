SELECT
    as_of,
    product,
    policies_in_force,
    opening_balance,
    premium,
    interest,
    withdrawals,
    surrenders,
    deaths,
    closing_balance,
    opening_balance + premium + interest - withdrawals - surrenders - deaths - closing_balance AS unexplained,
    benefits_paid,
    payouts
FROM annuity.block_summary
