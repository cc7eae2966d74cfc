"""CloudFormation stacks from Git: planned as change sets, judged, approved, and executed as shown."""
