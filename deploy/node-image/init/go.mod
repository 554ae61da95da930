// Owns the node image's PID 1. Standard library only.
module labyard.dev/node-image/init

go 1.21
