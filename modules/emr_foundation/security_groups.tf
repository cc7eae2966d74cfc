# EMR writes the rules between its own nodes into these groups when a cluster starts, and leaves them there. Terraform
# declares only the way out, rule by rule, so that the two do not undo each other.

locals {
  groups = {
    primary = "Primary nodes of EMR clusters"
    worker  = "Core and task nodes of EMR clusters"
    service = "Access of the EMR service to private clusters"
  }

  # Nodes talk to AWS through the endpoints and to S3 through the gateway; the service group needs 8443 to the nodes, which EMR adds.
  ways_out = { for pair in setproduct(["primary", "worker"], ["vpc", "s3"]) : join("_", pair) => { group = pair[0], to = pair[1] } }
}

resource "aws_security_group" "this" {
  for_each = local.groups

  name                   = "${var.name}-emr-${each.key}"
  description            = each.value
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true # the groups name each other; without this none could go first
  tags                   = { "for-use-with-amazon-emr-managed-policies" = "true" }
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.ways_out

  security_group_id = aws_security_group.this[each.value.group].id
  description       = each.value.to == "vpc" ? "Within the VPC and to its endpoints" : "S3 through the gateway endpoint"
  ip_protocol       = "tcp"
  from_port         = each.value.to == "vpc" ? 0 : 443
  to_port           = each.value.to == "vpc" ? 65535 : 443
  cidr_ipv4         = each.value.to == "vpc" ? var.vpc_cidr : null
  prefix_list_id    = each.value.to == "s3" ? var.s3_prefix_list_id : null
}

# EMR requires this rule of the service group to stand before a cluster starts: nodes report on 9443.
resource "aws_vpc_security_group_ingress_rule" "service" {
  security_group_id            = aws_security_group.this["service"].id
  description                  = "Primary node reports to the EMR service"
  ip_protocol                  = "tcp"
  from_port                    = 9443
  to_port                      = 9443
  referenced_security_group_id = aws_security_group.this["primary"].id
}
