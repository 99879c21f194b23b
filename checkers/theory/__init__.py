"""What is predicted: closed forms and small solvers, each named after its subject, with its source."""
