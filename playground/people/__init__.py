"""What people do in the workspace, within what their client would let them do."""
