# One request at a time, with nothing but what comes with Ruby.
require 'json'
require 'socket'

trap('TERM') { exit! 0 }
server = TCPServer.new('127.0.0.1', Integer(ENV.fetch('PORT')))
loop do
  socket = server.accept
  line = socket.gets
  nil until [nil, "\r\n"].include?(socket.gets)
  next socket.close if line.nil?

  is_env = line.split[1].split('?').first.end_with?('/env')
  body = is_env ? JSON.generate(ENV.to_h) : "bell: #{ENV.fetch('SOUND')}\n"
  type = is_env ? 'application/json' : 'text/plain'
  socket.write("HTTP/1.1 200 OK\r\nContent-Type: #{type}\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
  socket.close
end
