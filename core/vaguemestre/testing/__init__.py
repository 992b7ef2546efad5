"""What tests of the product and of plugins use. Nothing here changes what the product does."""
