"""What follows from how claims hang together: derived from relations and outcomes on every reading, stored nowhere."""
