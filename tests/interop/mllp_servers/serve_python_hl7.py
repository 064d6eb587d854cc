#!/usr/bin/python3
"""Answers HL7 v2 messages with Debian's python3-hl7; what a message wants is told by its MSH-6, see wanted.js.

serve_python_hl7.py PORT
"""
import asyncio
import sys

from hl7.mllp import start_hl7_server

LATE_SECONDS = 2
FRAME_BYTES_MAX = 64 << 20
seen = set()


def wanted(facility, control_id):
    if facility == "NEGATIVE":
        return "negative"
    if facility not in ("LATE", "CLOSE") or control_id in seen:
        return "positive"
    seen.add(control_id)
    return facility.lower()


async def serve(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            header = message.segment("MSH")
            how = wanted(str(header(6)), str(header(10)))
            if how == "close":
                break
            if how == "late":
                await asyncio.sleep(LATE_SECONDS)
            writer.writemessage(message.create_ack("AE" if how == "negative" else "AA"))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    server = await start_hl7_server(serve, "127.0.0.1", int(sys.argv[1]), limit=FRAME_BYTES_MAX, encoding="utf-8")
    async with server:
        await server.serve_forever()


asyncio.run(main())
