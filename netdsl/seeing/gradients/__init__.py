"""What single pixels have to do with a class or a feature: gradients in several readings, and images made by them."""
