Console.WriteLine("evbilling");
