"""What a trained net looks at: class activation maps, pictures by gradients, features for other work."""
