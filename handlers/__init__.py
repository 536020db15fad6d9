"""What people do and see, without any chat system: forms, commands, home. Below it one package for each chat."""
