"""What an account needs before Terraform first runs in it: one CloudFormation stack, from one template."""
