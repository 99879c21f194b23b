"""What is measured: data sets, networks with their parameterisations, and the batched trainer."""
