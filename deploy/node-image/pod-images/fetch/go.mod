// Owns the HTTP client of the probe image. Standard library only.
module labyard.dev/node-image/fetch

go 1.21
