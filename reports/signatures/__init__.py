"""Keys and signatures of the messages between an installation and the hub."""
