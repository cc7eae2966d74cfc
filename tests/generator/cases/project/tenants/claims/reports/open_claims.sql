SELECT claim_id, amount FROM claim_total
