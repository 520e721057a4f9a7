"""Components: parts drawn by the browser: player, diagram, webcam, cards."""
