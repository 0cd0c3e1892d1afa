using RoomAgent.Hub.Hosting;

return await CommandLine.RunAsync(args);
