"""Who tries to recover what a release withholds, before anybody else can."""
