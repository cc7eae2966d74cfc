# Ten of the controls as Rego over a plan's JSON, equivalent on known values. Rego is given what the gate has to work out:
# it reads no unknown values, traces no keys, and what is missing beside a resource is left to the gate.
package sluice

import rego.v1

resource contains found if {
	walk(input.planned_values.root_module, [_, module])
	some found in module.resources
	found.mode == "managed"
}

failed contains ["CSO_KMS_01", found.address] if {
	some found in resource
	found.type == "aws_kms_key"
	not found.values.enable_key_rotation == true
}

failed contains ["CSO_KMS_04", found.address] if {
	some found in resource
	found.type == "aws_kms_key"
	not found.values.deletion_window_in_days >= 30
}

failed contains ["CSO_S3_01", found.address] if {
	some found in resource
	found.type == "aws_s3_bucket_public_access_block"
	some name in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
	not found.values[name] == true
}

failed contains ["CSO_S3_02", found.address] if {
	some found in resource
	found.type == "aws_s3_bucket_policy"
	not denies_insecure_transport(json.unmarshal(found.values.policy))
}

denies_insecure_transport(policy) if {
	some statement in policy.Statement
	statement.Effect == "Deny"
	statement.Condition.Bool["aws:SecureTransport"] == "false"
}

failed contains ["CSO_S3_03", found.address] if {
	some found in resource
	found.type == "aws_s3_bucket_server_side_encryption_configuration"
	some rule in found.values.rule
	not rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
}

failed contains ["CSO_S3_04", found.address] if {
	some found in resource
	found.type == "aws_s3_bucket_versioning"
	not found.values.versioning_configuration[0].status == "Enabled"
}

failed contains ["CSO_S3_05", found.address] if {
	some found in resource
	found.type == "aws_s3_bucket_ownership_controls"
	not found.values.rule[0].object_ownership == "BucketOwnerEnforced"
}

failed contains ["CSO_IAM_01", found.address] if {
	some found in resource
	found.type == "aws_iam_role_policy"
	some statement in json.unmarshal(found.values.policy).Statement
	statement.Effect == "Allow"
	some action in as_list(statement.Action)
	endswith(action, "*")
}

failed contains ["CSO_IAM_02", found.address] if {
	some found in resource
	found.type == "aws_iam_role"
	not found.values.permissions_boundary
}

failed contains ["CSO_IAM_04", found.address] if {
	some found in resource
	found.type == "aws_iam_role_policy"
	some statement in json.unmarshal(found.values.policy).Statement
	statement.Effect == "Allow"
	"iam:PassRole" in as_list(statement.Action)
	not statement.Condition
}

as_list(value) := value if is_array(value)

as_list(value) := [value] if is_string(value)
