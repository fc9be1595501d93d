@echo off
rem Runs the broker: sluice-broker [start|health|buffer ...|access ...] [--config FILE]; see --help.
rem JAVA_HOME names the Java to use; SLUICE_OPTS and JAVA_OPTS are given to it, such as SLUICE_OPTS=-Xmx1g.
setlocal
for %%I in ("%~dp0..") do set "SLUICE_HOME=%%~fI"
set "SLUICE_JAVA=java"
if not "%JAVA_HOME%"=="" set "SLUICE_JAVA=%JAVA_HOME%\bin\java"
rem For Windows --config=FILE is two arguments, too.
set "SLUICE_COMMAND=%~1"
if "%~1"=="--config" set "SLUICE_COMMAND=%~3"
for %%I in (health buffer access) do if "%SLUICE_COMMAND%"=="%%I" goto look
"%SLUICE_JAVA%" -XX:+ExitOnOutOfMemoryError %JAVA_OPTS% %SLUICE_OPTS% "-Dsluice.home=%SLUICE_HOME%" -cp "%SLUICE_HOME%\config;%SLUICE_HOME%\lib\*" io.sluice.broker.server.BrokerServer %*
exit /b %ERRORLEVEL%
:look
rem What looks at a broker is small, whatever the broker itself is given.
"%SLUICE_JAVA%" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dsluice.home=%SLUICE_HOME%" -cp "%SLUICE_HOME%\config;%SLUICE_HOME%\lib\*" io.sluice.broker.server.BrokerServer %*
exit /b %ERRORLEVEL%
