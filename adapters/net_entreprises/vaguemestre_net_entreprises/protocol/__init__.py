"""The API DSN as pure functions: requests are built, answers are parsed, nothing touches a network,
a clock or a file. Names no platform, so that every platform with this protocol can use it."""
