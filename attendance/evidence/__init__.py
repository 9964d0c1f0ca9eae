"""Evidence of who was where (joined a lesson, passed a gate): shown beside the register, never a mark by itself."""
