-- Every page asks what is being sent now; most campaigns have ended long ago.

create index campaigns_running on campaigns (workspace_id) where state = 'running';
