"""What a trained net does with images."""
