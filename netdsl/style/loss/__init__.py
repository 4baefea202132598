"""What two pictures differ in, as a net sees them: the loss network, its weights, and the losses."""
