<?php
// Without an entrypoint this is the front controller: it has every request.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (str_ends_with($path, '/env')) {
    header('Content-Type: application/json');
    echo json_encode(getenv());
} else {
    header('Content-Type: text/plain');
    echo 'news: the ', getenv('EDITION'), " edition\n";
}
