"""Gates that read pupils' cards: a school registers them, they tell who passed, signed; a person decides."""
