"""What rendered DAGs run: operators that tell services what to do, and do none of the work themselves."""
