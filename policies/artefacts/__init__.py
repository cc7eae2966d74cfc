"""What the gate judges besides Terraform plans: rendered files, code and specs, each kind read once and strictly."""
