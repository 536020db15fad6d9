"""The demo in Microsoft's Agents Playground, which stands in for Teams on this machine."""
