"""What the drills decide, without what they start."""
