require 'socket'

server = TCPServer.new('127.0.0.1', Integer(ENV.fetch('PORT')))
loop do
  Thread.new(server.accept) do |client|
    while (line = client.gets) && line != "\r\n"; end
    body = "Hello from Ruby #{RUBY_VERSION}\n"
    client.write "HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
    client.close
  end
end
