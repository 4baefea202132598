"""What one step is made of: images, loss, gradients, weights; and how they are measured."""
