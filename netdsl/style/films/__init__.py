"""Films through ffmpeg."""
