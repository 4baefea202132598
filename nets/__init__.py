"""The networks that come with netdsl, one `.net` file a paper."""
